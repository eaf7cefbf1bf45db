"""Text that is part of an image: found by a detector and by rules of devices, then covered."""
