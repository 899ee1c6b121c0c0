#pragma once

/// \file
/// What the shared library exports.

/// Marks a function or class that the shared library exports.
#define UPSUN_EXPORT [[gnu::visibility("default")]]
