"""The page that tells a refusal."""
