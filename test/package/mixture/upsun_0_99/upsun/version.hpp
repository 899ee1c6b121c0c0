// Another minor version than the library's.
#pragma once
#define UPSUN_VERSION_MAJOR 0
#define UPSUN_VERSION_MINOR 99
#define UPSUN_VERSION_PATCH 0
#define UPSUN_VERSION_STRING "0.99.0"
