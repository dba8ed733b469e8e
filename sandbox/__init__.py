"""The outside world in miniature.

Participants' systems, certification centres, the time-stamp authority and mail: separate programs, each with its own
keys and its own store, that speak only the published protocols and import nothing of azexport.
"""
