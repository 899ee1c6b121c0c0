#pragma once

/// \file
/// Marks what the shared library exports.

#define UPSUN_EXPORT [[gnu::visibility("default")]]
