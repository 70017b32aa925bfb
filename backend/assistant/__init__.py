"""The assistant (智能客服): questions answered from what is published, with the place of each."""
