"""Carriers: the hands that move parcels. ``port`` says what each must do, one file per carrier does it.

Nothing here knows what a parcel holds, whom it is from or what it is worth.
"""
