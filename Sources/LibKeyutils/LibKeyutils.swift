// LibKeyutils
