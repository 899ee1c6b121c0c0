#pragma once

/// \file
/// The version of the library, by semantic versioning.

#define UPSUN_VERSION_MAJOR 0
#define UPSUN_VERSION_MINOR 1
#define UPSUN_VERSION_PATCH 0
#define UPSUN_VERSION_STRING "0.1.0"
