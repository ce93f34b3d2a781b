"""From the network's map to the subject: components, box, confidence, warnings."""
