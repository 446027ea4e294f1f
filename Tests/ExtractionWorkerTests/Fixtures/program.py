def cut(text):
    """Cuts."""
    return text[:3]


print(cut("abcdef"))
