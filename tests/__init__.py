"""The tests of HomeCare H2O."""
