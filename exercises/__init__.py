"""What an exercise is: its text, its tests, and marking a submission against them in jails. Knows nothing of Django."""
