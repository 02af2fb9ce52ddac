"""Operations on images that know nothing of faces."""
