"""How one verdict is made: pure functions over model values. No Discord, no SQL, no clock of its own."""
