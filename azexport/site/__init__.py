"""The pages for everybody: home, public verification of documents, accessibility, privacy, contact, health.

It also owns `{% load ui %}`, what the shared components in templates/ need to know.
"""
