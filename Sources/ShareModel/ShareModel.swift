// ShareModel
