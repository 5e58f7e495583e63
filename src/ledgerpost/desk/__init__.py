"""The only place where core, stores, carriers, clock and randomness meet. Decides nothing that the core can decide."""
