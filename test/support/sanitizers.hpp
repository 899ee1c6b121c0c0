#pragma once

// `UPSUN_UNDER_SANITIZER` is defined under the address and thread sanitizers, which are many times
// slower, and have an operator new of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UPSUN_UNDER_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define UPSUN_UNDER_SANITIZER
#endif
#endif
