"""Pages of a course that are made of text and boxes of code, out of what its lecturers have published."""
