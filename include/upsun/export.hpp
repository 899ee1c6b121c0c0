#pragma once

/// \file
/// Marks what the shared library exports; empty in a static build on platforms that need nothing.

#if defined(_WIN32)
#define UPSUN_EXPORT
#else
#define UPSUN_EXPORT [[gnu::visibility("default")]]
#endif
