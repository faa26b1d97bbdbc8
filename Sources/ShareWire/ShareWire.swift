// ShareWire
