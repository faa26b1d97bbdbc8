// LibMount
