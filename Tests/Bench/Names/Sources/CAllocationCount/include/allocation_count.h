#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
/// How often memory was asked for since the program began: malloc, calloc, realloc, aligned_alloc, posix_memalign and memalign.
uint64_t allocation_count(void);
#ifdef __cplusplus
}
#endif

#endif
