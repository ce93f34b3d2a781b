"""The tests, in the rooms of the package; support/ holds what several of them use."""
