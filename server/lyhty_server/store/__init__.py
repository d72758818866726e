"""What must be kept, behind one interface; SQL is nowhere else."""
