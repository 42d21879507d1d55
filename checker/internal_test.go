package checker

// FirstPassAlways has all checks ask first for what is found at once, however small they are, and returns what undoes that.
func FirstPassAlways() (undo func()) {
	old := manyRules
	manyRules = 0
	return func() { manyRules = old }
}
