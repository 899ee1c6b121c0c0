#pragma once

/// \file
/// The version of the library, by semantic versioning.

/// Rises with changes that break programs.
#define UPSUN_VERSION_MAJOR 0
/// Rises with new features; until version 1.0.0 also with changes that break programs.
#define UPSUN_VERSION_MINOR 1
/// Rises with corrections.
#define UPSUN_VERSION_PATCH 0
/// The three numbers as text.
#define UPSUN_VERSION_STRING "0.1.0"
