// Nothing to call: a program that depends on CHeap has its free(3) and realloc(3), and everything in the process uses them.
#pragma once
