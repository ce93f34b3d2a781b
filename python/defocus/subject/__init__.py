"""From the network's mask to the subject: components, box, confidence, warnings."""
