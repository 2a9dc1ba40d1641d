"""Tests about the project itself: rules that every file and every part of it keeps."""
