"""What several kinds of run share: options that mean the same in all of them, samples, models, scores."""
