"""What Pillow does not do, format by format: 16-bit samples, threads, containers."""
