"""FIWARE Smart Data Models, out and in, as NGSI-LD and as normalised NGSIv2."""
