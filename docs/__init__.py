"""What is written for readers. Pages that tell what the code knows are made from the code: `make docs`."""
