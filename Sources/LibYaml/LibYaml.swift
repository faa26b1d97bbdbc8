// LibYaml
