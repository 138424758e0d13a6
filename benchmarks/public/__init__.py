"""Mimamori's linkage on published data sets, beside the recipes that other projects publish for them."""
