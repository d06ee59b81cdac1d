"""The desk: pages for people, over the same uses as the API.

Every page is a `GET` that shows; what changes anything is sent by the page to `/api/v1`, so that no rule stands twice.
"""
