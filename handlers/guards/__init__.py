"""Who is let in: the banned, floods, and who gives orders in the operators' and the lab's chat."""
