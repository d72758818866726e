"""What a school gets on paper (SPEC 12.6): posters, a letter to homes, a lesson plan, staff's duties, a message.

`papers.py` makes a page of one school and one language, `paper/` prints it. Nothing here reads or writes anything.
"""
