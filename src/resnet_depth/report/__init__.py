"""Stage `report`: the page of a study, its tables and its figures."""
