"""The pages for everybody: home, public verification of documents, accessibility, privacy, contact, health; and `{% load ui %}`."""
