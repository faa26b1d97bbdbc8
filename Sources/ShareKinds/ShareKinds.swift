// ShareKinds
