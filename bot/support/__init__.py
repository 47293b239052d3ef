"""Support: what a person writes arrives in their ticket's topic, what operators answer arrives in the person's chat."""
