import Glibc

/// Closes every descriptor from `first` on that this process inherited. Nothing in the process may own one of them.
public func closeInheritedDescriptors(from first: CInt) {
    closefrom(first)
}
