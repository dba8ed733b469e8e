"""The outside world in miniature.

Every module here belongs to a program of its own (participants' systems, certification centres, the time-stamp authority,
mail) with its own keys and its own store. The programs speak only the published protocols and import nothing of azexport.
"""
