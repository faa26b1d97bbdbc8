// free(3) and realloc(3) that overwrite what is given back.
//
// A password is a text among others from the frame it comes in until it is a `Secret`: pieces of it pass through arrays and strings
// that the language copies, grows and frees as it likes. Nobody can wipe each of them by hand; here all of them are.
// The symbols of the executable win over libc's in all its libraries, too ("Replacing malloc", The GNU C Library); the heap stays libc's.

#include "CHeap.h"

#include <malloc.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void __libc_free(void *block);

void free(void *block) {
    if (block == NULL) return;
    // More than was asked for, so that what an earlier owner left in the rest goes as well.
    explicit_bzero(block, malloc_usable_size(block));
    __libc_free(block);
}

void *realloc(void *block, size_t size) {
    if (block == NULL) return __libc_malloc(size);
    if (size == 0) {
        free(block);
        return NULL;
    }
    size_t had = malloc_usable_size(block);
    // A little smaller is not worth a copy; what is left is overwritten with the rest one day.
    if (size <= had && size > had / 2) return block;
    void *larger = __libc_malloc(size);
    if (larger == NULL) return NULL;
    memcpy(larger, block, had < size ? had : size);
    free(block);
    return larger;
}
