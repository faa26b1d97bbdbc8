// LibBlkid
