"""Lending: licences used by others for their holder, copies made for a purpose, complaints."""
