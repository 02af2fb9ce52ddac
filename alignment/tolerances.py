"""How near is near, on a face: all tolerances of positions, in distances between the eyes."""

from __future__ import annotations

AT_LANDMARK = 0.02
"""A handle this near to a landmark is that landmark."""
AT_LIP = 0.03
"""The same of the lips' landmarks, where lips should part."""
ON_LIP = 0.005
"""The same of a drag that was made from a lip's landmark itself."""
ON_LID = 0.002
"""How near to the middle of an upper lid a drag begins that shuts the eye."""
AROUND_LANDMARK = 0.08
"""How far landmarks count for a handle between them."""
BEYOND_LANDMARKS = 0.3
"""A handle further than this from every landmark is none of the guide's."""
BEYOND_PHOTO = 0.25
"""A target may lie this far off the photo."""
SAME_PLACE = 0.03
"""An earlier drag of a place this near to a new handle is replaced by it."""
UNMOVED = 0.001
"""A landmark that is to move less than this is not dragged."""
ARRIVED = 0.01
"""A handle this near to its target has arrived."""
ARRIVED_ADJUSTED = 0.03
"""The same for the landmarks of adjustments, which are many and draw together."""
MISTAKEN = 0.12
"""Painted landmarks further than this from the photo's are a mistake."""
LOST = 0.15
"""Landmarks that move further than expected by more than this are mistaken."""
CLOSED_GAP = 0.002
"""A gap of lids or lips that is no wider is closed."""
LIPS_SHUT = 0.05
"""Lips this near to each other show no teeth."""
LIPS_PART = 0.03
"""Lips that should part by less need not be seen to."""
MOUTH_OPENED = (0.015, 0.035)
"""How much wider a gap between the lips must be to show something new: not at all, surely."""
